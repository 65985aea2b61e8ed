"""What lies in `inside` is for the dialogue's interpreter (test_inside.py)."""

collect_ignore_glob = ["inside/*"]
