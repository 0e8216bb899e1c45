# %% imports
import math
import numpy as np
from common import mxnet as d2l  # first: it prepares MXNet
from common.check import Checker
from common.data import load_airfoil
from common.harness import run_2d
from common.plotting import draw_contours
check = Checker("adagrad", "{{ language }}")
