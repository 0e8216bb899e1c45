# %% imports
import math
from common.check import Checker
check = Checker("adadelta", "{{ language }}")
