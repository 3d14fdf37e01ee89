"""OpenCoCM: the psychiatric Collaborative Care Model, from a care manager's note to a clean claim."""

__version__ = "0.1.0"


def _use_compiled_core() -> None:
    """Take hot modules from the compiled core, where `python -m cocm.accelerate` has built one for this Python.

    Looks for one folder and imports nothing else where there is none. COCM_PLAIN=1 in the environment: not at all.
    """
    import os
    from _imp import extension_suffixes

    folder = f"{__path__[0]}/__pycache__/compiled{extension_suffixes()[0].rpartition('.')[0]}"
    if os.path.exists(folder) and not os.environ.get("COCM_PLAIN"):  # noqa: PTH110  # pathlib would slow every start
        from cocm.accelerate.finder import use

        use(folder)


_use_compiled_core()
