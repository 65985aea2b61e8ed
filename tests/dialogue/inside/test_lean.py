"""What is left out is inert while rasa is imported and loud when it is used."""

import sys
import unittest

from rasa_components import lean


class TestLean(unittest.TestCase):
    def setUp(self) -> None:
        self.addCleanup(setattr, lean, "_sealed", lean._sealed)
        lean.seal()

    def test_nothing_of_it_was_really_imported(self) -> None:
        for name in ("tensorflow", "keras", "sklearn", "scipy", "transformers", "sanic"):
            for module in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
                self.assertIsInstance(sys.modules[module], lean._InertModule, module)

    def test_using_it_is_refused_by_name(self) -> None:
        import tensorflow

        with self.assertRaisesRegex(lean.LeftOut, "tensorflow.constant"):
            tensorflow.constant(5)

    def test_a_component_that_needs_it_is_refused(self) -> None:
        from rasa.nlu.classifiers.logistic_regression_classifier import (
            LogisticRegressionClassifier,
        )

        with self.assertRaises(lean.LeftOut):
            LogisticRegressionClassifier({}, "x", None, None)

    def test_its_errors_can_stand_in_an_except_clause(self) -> None:
        from botocore.exceptions import BotoCoreError

        with self.assertRaises(ValueError):
            try:
                raise ValueError
            except BotoCoreError:
                self.fail("another error")

    def test_too_late_is_an_error(self) -> None:
        with self.assertRaisesRegex(lean.LeftOut, "imported already"):
            lean.install()
