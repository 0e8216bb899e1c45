# %% imports
import math
import numpy as np
from common import tensorflow as d2l
from common.check import Checker
from common.data import load_airfoil
from common.harness import run_2d
from common.plotting import draw_contours
check = Checker("adagrad", "{{ language }}")
