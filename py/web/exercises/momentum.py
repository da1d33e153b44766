"""Exercise: write an optimizer."""

from __future__ import annotations

import numpy as np

from nn.optimizers import Momentum
from web.code_checks import CheckFailed, Code
from web.exercises import Exercise

UPDATE = """        velocity *= self.momentum
        velocity += gradient
        parameter -= self.learning_rate * velocity
"""
MISSING = "        parameter -= self.learning_rate * gradient\n        # This is plain gradient descent: velocity stays 0.\n"


def check(code: Code) -> None:
    optimizers = Momentum(0.1), code.modules["nn.optimizers"].Momentum(0.1)
    parameters, velocities = [np.ones(3) for _ in optimizers], [np.zeros(3) for _ in optimizers]
    for step in range(1, 4):
        for optimizer, parameter, velocity in zip(optimizers, parameters, velocities, strict=True):
            optimizer.update(parameter, np.array([1.0, -2.0, 0.5]), [velocity])
        if not np.allclose(velocities[0], velocities[1]):
            raise CheckFailed(f"after step {step} the velocity should be {velocities[0]}, not {velocities[1]}")
        if not np.allclose(parameters[0], parameters[1]):
            raise CheckFailed(f"after step {step} the parameter should be {parameters[0]}, not {parameters[1]}")


EXERCISE = Exercise(
    title="Write Momentum",
    task="Momentum keeps a velocity for each parameter: v ← μ v + g, then θ ← θ − η v. Now it only does gradient descent. "
    "Write the update. Both arrays must change in place.",
    hint="velocity = … would only give the name to a new array. velocity *= and velocity += change the array itself.",
    file="nn/optimizers.py",
    start=(UPDATE, MISSING),
    solution=(MISSING, UPDATE),
    check=check,
)
