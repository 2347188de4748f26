from adapters.xauslaender import adapter
from hub.proof.testing import AdapterChecks


class TestXauslaender(AdapterChecks):
    adapter = adapter
