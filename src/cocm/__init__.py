"""OpenCoCM: the psychiatric Collaborative Care Model, from a care manager's note to a clean claim."""

__version__ = "0.1.0"
