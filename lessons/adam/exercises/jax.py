# %% imports
import math
import numpy as np
from common import jax as d2l  # first: it keeps JAX on the CPU
from common.check import Checker
check = Checker("adam", "{{ language }}")
