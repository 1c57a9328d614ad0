import LossBoosting
import LossFunctions
import Testing
