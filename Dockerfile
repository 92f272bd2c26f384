# One file, two images: `docker build --target cpu .` and `docker build --target gpu .`, both for linux/amd64.
# SageMaker takes Docker media types only, so push with
#   docker buildx build --platform linux/amd64 --provenance=false --sbom=false --output type=image,oci-mediatypes=false,push=true
ARG NODE_VERSION=24.21.0
# From 1.27 on onnxruntime's usual GPU packages are built for CUDA 13: the provider of PyPI's 1.30 needs libcublas.so.13.
# Should nuget.org's need another, the check in the gpu stage says so: --build-arg CUDA_IMAGE=... puts another image here.
# CUDA 13.0 asks for a host driver of 580 or newer; on SageMaker InferenceAmiVersion al2023-ami-sagemaker-inference-gpu-4-1.
ARG CUDA_IMAGE=nvidia/cuda:13.0.2-cudnn-runtime-ubuntu24.04

# Debian 12 for both images: what is linked against its glibc 2.36 runs there and on Ubuntu 24.04's 2.39, not the other way.
FROM node:${NODE_VERSION}-bookworm AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ libfaiss-dev libopenblas-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/stygig
# Packages first: they change less often than the sources, and Docker then keeps this layer.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY bin bin
COPY scripts scripts
COPY src src
COPY catalog catalog
COPY models models
COPY native native
COPY deploy deploy
COPY client client
COPY page page
# Without FAISS the build would only say so and go on; the image promises it.
RUN npm run build && test -f native/faiss/build/stygig_faiss.node
# Production packages alone, and of onnxruntime-node's five platforms the one that this image runs on: 200 MB less.
RUN npm ci --omit=dev \
  && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 ! -path "*/linux/$(node -p process.arch)" -exec rm -r {} +
# Serverless endpoints run as a user of their own: everybody must be able to read all of it.
RUN chmod -R a+rX /opt/stygig

FROM node:${NODE_VERSION}-bookworm-slim AS cpu
# What the addon is linked against; FAISS itself is inside it.
RUN apt-get update \
  && apt-get install -y --no-install-recommends libgomp1 libopenblas0 libstdc++6 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/stygig
COPY --from=build /opt/stygig/package.json package.json
COPY --from=build /opt/stygig/node_modules node_modules
COPY --from=build /opt/stygig/native/faiss/build/stygig_faiss.node native/faiss/build/stygig_faiss.node
COPY --from=build /opt/stygig/models/lite models/lite
COPY --from=build /opt/stygig/bin bin
COPY --from=build /opt/stygig/dist dist
# An image that cannot load FAISS should not start, rather than answer more slowly than was paid for.
# And it answers the platform alone: no page that shows the catalog to whoever reaches its port.
ENV NODE_ENV=production INDEX=faiss STYGIG_PAGE=off
# SageMaker's own word for: listens where SAGEMAKER_BIND_TO_PORT says.
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true
EXPOSE 8080
# Exec form: a shell in between would keep SIGTERM to itself. SageMaker puts `serve`, or `train`, in the place of CMD.
ENTRYPOINT ["node", "/opt/stygig/bin/stygig"]
CMD ["serve"]

FROM build AS build-gpu
# .npmrc switches install scripts off. This one fetches the CUDA provider, too large for the npm registry, from nuget.org;
# it knows it by the name cuda12 whatever it is linked against.
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js \
  && rm node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_tensorrt.so \
  && chmod -R a+rX node_modules/onnxruntime-node

FROM ${CUDA_IMAGE} AS gpu
RUN apt-get update \
  && apt-get install -y --no-install-recommends libgomp1 libopenblas0 libstdc++6 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/stygig
COPY --from=build-gpu /usr/local/bin/node /usr/local/bin/node
COPY --from=build-gpu /opt/stygig/package.json package.json
COPY --from=build-gpu /opt/stygig/node_modules node_modules
COPY --from=build-gpu /opt/stygig/native/faiss/build/stygig_faiss.node native/faiss/build/stygig_faiss.node
COPY --from=build-gpu /opt/stygig/models/lite models/lite
COPY --from=build-gpu /opt/stygig/bin bin
COPY --from=build-gpu /opt/stygig/dist dist
# A provider linked against another CUDA than the base image's would only show as a silent step down to the CPU.
# libcuda.so.1 alone comes from the host's driver.
RUN missing=$(ldd node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so \
    | grep 'not found' | grep -v 'libcuda\.so\.1' || true) \
  && if [ -n "$missing" ]; then echo "CUDA_IMAGE does not fit the CUDA provider: $missing"; exit 1; fi
ENV NODE_ENV=production INDEX=faiss STYGIG_PAGE=off EXECUTION_PROVIDERS=cuda
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true
EXPOSE 8080
ENTRYPOINT ["node", "/opt/stygig/bin/stygig"]
CMD ["serve"]
