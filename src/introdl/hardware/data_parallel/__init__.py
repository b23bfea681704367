"""One network trained by several processes, each on its share of every batch.

Run `torchrun --standalone --nproc-per-node 2 -m introdl.hardware.data_parallel --out FILE`.
"""
