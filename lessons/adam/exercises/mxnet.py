# %% imports
import math
import numpy as np
from common import mxnet as d2l  # first: it prepares MXNet
from common.check import Checker
check = Checker("adam", "{{ language }}")
