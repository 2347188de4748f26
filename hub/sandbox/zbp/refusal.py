"""How the simulated ZBP says no: a status, a code, and a sentence that quotes nothing."""

__all__ = ["Refusal"]


class Refusal(Exception):
    """The request is refused."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.status = status
        self.code = code
        self.sentence = sentence
