"""A comparison as one HTML file that needs nothing else."""

from emulator.report.page import render, render_fragment

__all__ = ["render", "render_fragment"]
