"""The package's own errors: one family, one clear sentence each."""


class NSTError(Exception):
    """Base of every error this package raises on purpose."""


class ImageError(NSTError):
    """A picture can't be read, is unusable, or can't be written."""


class WeightsError(NSTError):
    """A network's numbers can't be had, or don't fit the network."""


class CourseError(NSTError):
    """An exercise is not known, or the file of its checks is missing."""


class BrokenEnvironment(NSTError, ImportError):
    """What this machine lacks, and the command that mends it."""


class NSTWarning(UserWarning):
    """What a user should know, and need not stop for."""


class DivergedError(NSTError):
    """A loss became NaN or infinite.

    `image` is the last good picture, (H, W, 3) in [0, 1], or None where
    not even the first evaluation was finite; `history` holds the steps
    up to it, and `result` is the `Result` with that picture, or None.
    `where` has the stage, the epoch and the term of the loss.
    """

    def __init__(self, message, X=None, **where):
        super().__init__(message)
        self.X, self.image, self.history = X, None, []
        self.result, self.where = None, where
