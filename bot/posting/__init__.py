"""What goes out by itself: subscriptions, the outbox, standing questions, corrections."""
