"""Other systems' logs, replayed through the domain at the times they tell."""
