"""Stock Rasa with the product's domain, data and handlers: what the product is compared with."""
