"""What is tested of `common` here is tested with the cells of one lesson."""

import pytest


@pytest.fixture(scope="module")
def lesson_name():
    return "rmsprop"
