"""Services of models that speak OpenAI's protocol: asking them, and a chat."""
