"""What comes next in a series? Simple forecasts, a linear one, nets, and a backtest of all."""
