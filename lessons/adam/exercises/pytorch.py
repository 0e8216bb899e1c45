# %% imports
import math
import numpy as np
from common import torch as d2l
from common.check import Checker
check = Checker("adam", "{{ language }}")
