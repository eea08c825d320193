"""Laws of every objective: its stated optimum is one, and the published values hold."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from gandyn.core.catalog import create, members
from gandyn.densities.grid import LineGrid, data_masses
from gandyn.distributions.line import Gaussian
from gandyn.divergences.bounds import js_lower_bound
from gandyn.divergences.entropic import jensen_shannon, total_variation
from gandyn.divergences.transport import wasserstein_1
from gandyn.objectives.base import Objective
from gandyn.objectives.hinge import Hinge
from gandyn.objectives.least_squares import LeastSquares
from gandyn.objectives.minimax import NonSaturating, Saturating
from gandyn.objectives.wasserstein import Wasserstein

GRID = LineGrid(-8.0, 8.0, 2000)
P = stats.norm(0, 1).pdf(GRID.centres)
Q = stats.norm(1, 1.5).pdf(GRID.centres)
POINTWISE = [name for name in members(Objective) if name != "wasserstein"]


def logit_of(objective, response):
    """Invert `response`."""
    if objective.response_kind == "critic":
        return torch.as_tensor(response)
    return torch.as_tensor(response).clamp(1e-15, 1 - 1e-15).logit()


@pytest.mark.parametrize("name", POINTWISE)
def test_optimal_response_minimises_the_discriminator_loss_pointwise(name):
    objective = create(Objective, {"type": name})
    best = logit_of(objective, objective.optimal_response(P, Q))
    p, q = torch.as_tensor(P), torch.as_tensor(Q)

    def loss(logit):
        return p * objective.real_loss(logit) + q * objective.fake_loss(logit)

    grid = torch.linspace(-40, 40, 4001, dtype=torch.float64)[:, None]
    assert (loss(best) <= loss(grid).min(0).values + 1e-9).all()


@pytest.mark.parametrize("name", members(Objective))
def test_losses_at_equilibrium_are_the_published_ones(name):
    objective = create(Objective, {"type": name})
    p = P / (P.sum() * GRID.width)
    best = logit_of(objective, objective.optimal_response(p, p, GRID.width)).double()
    mass = torch.as_tensor(p) * GRID.width
    values = {
        "discriminator_loss": (mass * (objective.real_loss(best) + objective.fake_loss(best))).sum().item(),
        "generator_loss": (mass * objective.generator_loss(best)).sum().item(),
    }
    for key, (value, text) in objective.equilibrium.items():
        assert values[key] == pytest.approx(value, abs=1e-6), key
        assert text


@pytest.mark.parametrize("name", members(Objective))
def test_losses_are_finite_at_extreme_logits_and_flow_back(name):
    objective = create(Objective, {"type": name})
    logit = torch.tensor([-200.0, -1.0, 0.0, 1.0, 200.0], requires_grad=True)
    total = objective.real_loss(logit) + objective.fake_loss(logit) + objective.generator_loss(logit)
    (gradient,) = torch.autograd.grad(total.sum(), logit)
    assert torch.isfinite(total).all()
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("name", members(Objective))
def test_nothing_is_claimed_where_neither_density_has_mass(name):
    objective = create(Objective, {"type": name})
    p, q = np.array([0.5, 0.5, 0.0, 0.0]), np.array([0.0, 0.5, 0.5, 0.0])
    best = objective.optimal_response(p, q, 1.0)
    assert np.isfinite(best[:3]).all()
    if name != "wasserstein":
        assert np.isnan(best[3])


def masses():
    return data_masses(Gaussian(), GRID), data_masses(Gaussian(mean=1.0, std=1.5), GRID)


@pytest.mark.parametrize("objective", [NonSaturating(), Saturating()])
def test_a_discriminator_bounds_js_and_reaches_it_at_the_optimum(objective):
    p, q = (m.partition().mass for m in masses())
    js = jensen_shannon(p, q)
    best = np.nan_to_num(objective.optimal_response(p, q), nan=0.5)
    assert js_lower_bound(p, q, best) == pytest.approx(js, abs=1e-6)
    logit = logit_of(objective, best)
    for shift in (-1.0, 0.3):
        worse = (logit * 0.7 + shift).sigmoid().numpy()
        assert js_lower_bound(p, q, worse) < js
        # It is what the loss proves, without the chance of a batch.
        loss = (torch.as_tensor(p) * objective.real_loss(logit * 0.7 + shift)).sum()
        loss += (torch.as_tensor(q) * objective.fake_loss(logit * 0.7 + shift)).sum()
        assert js_lower_bound(p, q, worse) == pytest.approx(np.log(2) - float(loss) / 2, abs=1e-5)


def test_hinge_loss_at_its_optimum_is_twice_one_minus_tv():
    p, q = (m.cells for m in masses())
    best = torch.as_tensor(Hinge().optimal_response(p, q))
    loss = (torch.as_tensor(p) * Hinge().real_loss(best) + torch.as_tensor(q) * Hinge().fake_loss(best)).sum()
    assert float(loss) == pytest.approx(2 * (1 - total_variation(p, q)), abs=1e-5)


def test_least_squares_generator_descends_pearson_chi2():
    objective = LeastSquares(real=1.0, fake=-1.0, target=0.0)  # b - c = 1, b - a = 2
    p, q = (m.cells for m in masses())
    best = torch.as_tensor(objective.optimal_response(p, q))
    # up to what does not depend on G: (E_p + E_q) (D* - c)^2 is chi2(p + q || 2 q), the losses carry 1/2
    value = 2 * float((torch.as_tensor(p + q) * objective.generator_loss(best)).sum())
    chi2 = ((p + q - 2 * q) ** 2 / (p + q)).sum()
    assert value == pytest.approx(chi2, rel=1e-9)


def test_wasserstein_potential_is_1_lipschitz_and_attains_w1():
    p, q = masses()
    potential = Wasserstein().optimal_response(p.cells / GRID.width, q.cells / GRID.width, GRID.width)
    assert np.abs(np.diff(potential)).max() <= GRID.width * (1 + 1e-9)
    gain = ((p.cells - q.cells) * potential).sum()
    assert gain == pytest.approx(wasserstein_1(p, q, GRID), rel=2e-3)
    # slope sign(F_q - F_p): the data lies left of the generator, so the critic falls
    assert potential[800] > potential[1200]


def test_reading_objectives_needs_no_torch():
    import subprocess
    import sys

    code = (
        "import sys; from gandyn.core.catalog import members; from gandyn.objectives.base import Objective;"
        "members(Objective); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
