"""Trees into projects, the way Docker itself would."""
