"""A GAN on handwritten digits, as one finds them: classes, loop and losses of its own, and nothing of gandyn's.

With --record FOLDER three lines are added: the import, the `with`, and the call of `step`.
"""

# ruff: noqa: NPY002 - as one finds them

import argparse
import contextlib
import random

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset


class Generator(nn.Module):
    def __init__(self, nz=16, ngf=8):
        super().__init__()
        self.project = nn.Linear(nz, ngf * 4 * 2 * 2)
        self.main = nn.Sequential(
            nn.BatchNorm2d(ngf * 4),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf, 1, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.main(self.project(z).view(len(z), -1, 2, 2))


class Discriminator(nn.Module):
    def __init__(self, ndf=8):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(1, ndf, 4, 2, 1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Dropout(0.3),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1),
            nn.BatchNorm2d(ndf * 2),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Flatten(),
            nn.Linear(ndf * 2 * 2 * 2, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.main(x).view(-1)


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", default=None)
    parser.add_argument("--record", default=None)
    parser.add_argument("--every", type=int, default=10)
    opt = parser.parse_args(argv)

    random.seed(opt.seed)
    np.random.seed(opt.seed)
    torch.manual_seed(opt.seed)

    images = torch.tensor(load_digits().images, dtype=torch.float32).unsqueeze(1) / 8 - 1
    loader = DataLoader(TensorDataset(images), batch_size=opt.batch, shuffle=True, drop_last=True)

    netG, netD = Generator(), Discriminator()
    criterion = nn.BCELoss()
    optimG = torch.optim.Adam(netG.parameters(), lr=opt.lr, betas=(0.5, 0.999))
    optimD = torch.optim.Adam(netD.parameters(), lr=opt.lr, betas=(0.5, 0.999))

    recorder = None
    if opt.record:
        import gandyn

        recorder = gandyn.record(
            netG, netD, data=images, latent=lambda n: torch.randn(n, 16), response="probability",
            every=opt.every, out=opt.record, cells=16, points=256,
        )  # fmt: skip

    with recorder or contextlib.nullcontext():
        step = 0
        while step < opt.steps:
            for (real,) in loader:
                one, zero = torch.ones(len(real)), torch.zeros(len(real))

                netD.zero_grad()
                fake = netG(torch.randn(len(real), 16))
                errD = criterion(netD(real), one) + criterion(netD(fake.detach()), zero)
                errD.backward()
                optimD.step()

                netG.zero_grad()
                errG = criterion(netD(fake), one)
                errG.backward()
                optimG.step()

                if recorder:
                    recorder.step(generator_loss=errG, discriminator_loss=errD)
                step += 1
                if step == opt.steps:
                    break

    if opt.save:
        torch.save(
            {
                "G": netG.state_dict(),
                "D": netD.state_dict(),
                "grads": [p.grad for net in (netG, netD) for p in net.parameters()],
                "modes": [m.training for net in (netG, netD) for m in net.modules()],
                "numbers": (torch.rand(3), float(np.random.rand()), random.random()),
            },
            opt.save,
        )
    return netG, netD


if __name__ == "__main__":
    main()
