"""How good the answers are: judged questions, what comes of them, and the confidence fitted to them."""
