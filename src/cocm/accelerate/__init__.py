"""The compiled core: hot modules of the rooms, compiled from their own sources by `python -m cocm.accelerate`.

Nothing needs it. `finder` lets a process use what was built, `build` builds it, `modules` lists what is compiled.
"""
