"""Studies that take more than one explanation: checks, comparisons, several segmentations, and measuring a map."""
