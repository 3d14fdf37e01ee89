"""What Collaborative Care costs and brings: a financial model, return on investment, administrative cost, payers."""
