"""Pictures that explain a layer: what a (transposed) convolution does to numbers, what an activation lets through."""
