"""The one place that holds the version; setup.py reads this file as text.

The public part is the torch release that this source is built for, the local part is ours.
"""

__version__ = "2.13.0+v0.1.0"
