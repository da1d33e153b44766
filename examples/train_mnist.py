"""Train a network on MNIST, from scratch in NumPy, to 97.5 % in under a minute: python3 examples/train_mnist.py"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "py"))

from digits.mnist import as_inputs, load_mnist
from nn import Adam, Dense, Network, ReLU, train
from nn.optimizers import one_cycle
from nn.training import Shuffled
from vendoring import vendor

folder = vendor.ensure("mnist")  # downloads MNIST once
images, labels = load_mnist(folder, "train")
network = Network([Dense(128), ReLU(), Dense(64), ReLU(), Dense(10)], input_shape=(784,))
print(network)

for progress in train(network, Adam(), Shuffled(as_inputs(images), labels, batch=128), epochs=3, schedule=one_cycle(3e-3)):
    if progress.step % 100 == 0:
        print(f"epoch {progress.epoch:.2f}: loss {progress.loss:.3f}, accuracy {progress.accuracy:.0%}")

images, labels = load_mnist(folder, "test")
print(f"test accuracy {(network.predict(as_inputs(images)).argmax(axis=1) == labels).mean():.2%}")
