"""The month close: case files in; proposals, worklist, claims and report out."""
