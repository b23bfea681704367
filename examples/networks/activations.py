# %% [markdown]
# # Activations, executed
#
# Two linear layers are one; each bend has a slope; and some ReLUs die. All seeds are fixed. The
# text is in [the lesson](../../networks/activations.md).

# %%
import numpy as np
import torch
from sklearn.datasets import make_moons

from introdl import plot
from introdl.networks import activations as act
from introdl.networks.neuron import sigmoid

# %% [markdown]
# ## Curves

# %% name="curves"
z = np.linspace(-4, 4, 401)
fig, ax = plot.subplots(width=4.6, height=3)
ax.plot(z, sigmoid(z), color=plot.BLUE)
ax.plot(z, np.maximum(z, 0), color=plot.ORANGE)
ax.plot(z, act.gelu(z), color=plot.GREEN)
ax.annotate("sigmoid", (-3.5, 0.25), color=plot.BLUE)
ax.annotate("ReLU", (1.2, 2.2), color=plot.ORANGE)
ax.annotate("GELU", (2.5, 1.7), color=plot.GREEN)
ax.set(xlabel="weighted sum z", ylabel="answer", ylim=(-0.5, 3))
plot.figure(
    fig,
    alt="Three curves over the weighted sum: the S of the sigmoid, the kink of ReLU at zero, and "
    "GELU, which dips below zero and then nears ReLU.",
    caption="Three ways to bend a weighted sum.",
)

# %% [markdown]
# ## Dead ReLUs
#
# Nets of 16 ReLUs learn two moons, which are synthetic, with full steps of 0.1, from ten seeds.

# %% name="dead"
X, y = (torch.tensor(a, dtype=torch.float64) for a in make_moons(200, noise=0.15, random_state=0))
torch.set_num_threads(1)
for start in (0.0, -0.5, -1.0, -2.0):
    dead = []
    for seed in range(10):
        torch.manual_seed(seed)
        net = torch.nn.Sequential(
            torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1)
        ).double()
        torch.nn.init.constant_(net[0].bias, start)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(300):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(X)[:, 0], y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        dead.append((net[:2](X) == 0).all(0).double().mean().item())
    print(
        f"start bias {start:4.1f}: {np.mean(dead):4.0%} dead ({min(dead):.0%} to {max(dead):.0%})"
    )
