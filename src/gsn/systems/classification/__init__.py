"""Classification: a simple classifier of scattering coefficients.

    k^(x) = argmin_k ||S x - P_{A_k} S x||,        A_k an affine space of each class

The transform is fixed. Few labels suffice, since nothing but the spaces, or the margins of a
support vector machine, is learnt.

    fitting        a classifier of one's own images: `fit`
    features       images as rows of pixels or of scattering coefficients
    svm            a support vector machine on principal components
    subsets        random subsets of the training images, and intervals of errors
    measurement    errors against the number of training images
    least          the least error, with small translations
    few            errors from few labels, beside HOG and a small network
    moved          errors on rotated and scaled images
    networks       sparse codes, a linear map and convolutions, as networks
    trained        their training, and what is measured of them
    codes          their sparse codes: convergence, atoms
    published      the errors of the paper
    labelled       what a classifier reads from stores
    pictures       the images that are wrong
    page           the tables in Markdown

References:
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.
"""

from gsn.systems.classification.fitting import Classifier, fit

__all__ = ["Classifier", "fit"]
