"""Calls on several profiles, laid side by side: a lane for each profile, a row for each call.

A lane is played from a scenario (:mod:`emulator.lanes.replay`) or from a callable
(:mod:`emulator.lanes.calls`); :mod:`emulator.lanes.result` lays lanes side by side;
:mod:`emulator.lanes.decide` finds the behaviours that decided where they differ.
"""
