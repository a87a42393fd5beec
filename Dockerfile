# The page with its demo model, ready without a network. Runs on the CPU; with `docker run --gpus all` on a GPU.
#   docker build -t mmattr .
#   docker run -p 7860:7860 -v mmattr:/data mmattr
FROM python:3.12-slim

# A package index with other builds of torch, such as small ones without CUDA; empty is the usual index, with CUDA.
ARG TORCH_INDEX=""

RUN useradd --create-home --uid 1000 user && mkdir /data && chown user /data
USER 1000
WORKDIR /home/user/app
ENV PATH=/home/user/.local/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GRADIO_ANALYTICS_ENABLED=False \
    HF_HOME=/data/huggingface \
    MMATTR_STORE=/data/results

COPY --chown=user requirements.txt .
RUN if [ -n "$TORCH_INDEX" ]; then \
        pip install --no-cache-dir --user --index-url "$TORCH_INDEX" torch==2.13.0 torchvision==0.28.0 \
        && sed -i '/^torch/d' requirements.txt; \
    fi \
    && pip install --no-cache-dir --user -r requirements.txt
COPY --chown=user app.py ./
COPY --chown=user mmattr_app mmattr_app
COPY --chown=user assets assets

VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
CMD ["python", "app.py", "--host", "0.0.0.0"]
