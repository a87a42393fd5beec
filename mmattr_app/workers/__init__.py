"""Workers: run model calls in this process, in Ray actors or in GPU leases, and share them between jobs."""
