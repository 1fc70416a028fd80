"""The program of this folder against a node that runs with its akka.hocon: ACTORPERF_URL=… PYTHONPATH=../../../clients/python python3 -m unittest"""
import threading
import time
import unittest

import pages


class PageTests(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        pages.node.close()

    def test_a_hundred_visitors_wait_for_one_query(self):
        pages.sales.invalidate()
        began, figures = time.monotonic(), []
        visitors = [threading.Thread(target=lambda: figures.append(pages.sales(2031))) for _ in range(100)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        self.assertEqual([{"year": 2031, "total": 2031000}] * 100, figures)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(1, len(pages.node._call("GET", "/cache/entries?task=sales")[1]["items"]))

    def test_what_was_corrected_is_computed_again_and_nothing_else(self):
        pages.sales(2032), pages.sales(2033)
        pages.correct(2032)
        took = []
        for _ in range(5):                               # other work on the machine makes one slower, and none faster than it is
            began = time.monotonic()
            pages.sales(2033)
            took.append(time.monotonic() - began)
        self.assertLess(min(took), 0.9)
        began = time.monotonic()
        pages.sales(2032)
        self.assertGreater(time.monotonic() - began, 0.9)

    def test_a_draft_is_not_remembered_and_closing_the_books_keeps_figures_for_errors(self):
        pages.sales(2034)
        pages.sales(2035, draft=True)
        pages.close_the_books()
        entries = pages.node._call("GET", "/cache/entries?task=sales")[1]["items"]
        self.assertIn(2034, [entry["args"]["year"] for entry in entries])
        self.assertNotIn(2035, [entry["args"]["year"] for entry in entries])
        self.assertEqual({"kept"}, {entry["state"] for entry in entries})


if __name__ == "__main__":
    unittest.main()
