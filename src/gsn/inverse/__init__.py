"""Inverse problems: a field x whose Phi(x) is near a vector y.

    x = argmin E(x),   E(x) = 1/2 |Phi(x) - y|^2

Fields are solved for in a batch, on the device and in the precision of the first ones.

    descent        the descent: its methods, its end, its curve and its resumption
    energy         E of each field, its gradient, and the number of evaluations
    paths          what all methods share: the points, the errors, which fields have ended
    lbfgs          L-BFGS, with a history and a line search for each field
    line_search    the strong Wolfe conditions, for many fields at once
    gradient       microcanonical gradient descent
    operands       the arguments of a descent, checked
    states         the state of a descent in a file
    starts         noise to start from
    coordinates    fields that are halfway to being white, for L-BFGS
    entropy        the entropy of the law of the fields at the end of a descent
    lanczos        traces of functions of a symmetric operator
    operators      linear operators A with adjoints: decimation, Radon transform, masks
    total_variation, wavelets   1/2 ||A x - y||^2 with the total variation, with an l1 norm
    backprojection filtered back-projection and SIRT
"""
