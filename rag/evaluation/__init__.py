"""Evaluation: a gold set in; figures with intervals, the records behind them, and a report out."""
