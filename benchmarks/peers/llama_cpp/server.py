"""`python server.py FILE PORT`: llama.cpp's server with 16 slots and one thread."""

import sys
import threading

import xllamacpp

parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.port = int(sys.argv[2])
parameters.hostnames = ["127.0.0.1"]
parameters.n_ctx = 16 * 512
parameters.n_parallel = 16
parameters.kv_unified = True
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
parameters.n_gpu_layers = 0
parameters.fit_params = False
parameters.offline = True
parameters.ui = False
parameters.n_threads_http = 18
server = xllamacpp.Server(parameters)
threading.Event().wait()
