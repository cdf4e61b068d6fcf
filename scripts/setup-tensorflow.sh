#!/usr/bin/env bash
# Sets up TensorFlow's native library for @tensorflow/tfjs-node, of which `npm ci` brings only the JavaScript.
#
#   npm run setup:tensorflow [-- cpu|gpu|gpu+cuda]        default: cpu; a second run does nothing
#
#   cpu        wheel tensorflow-cpu (230 MB down, 0.7 GB on disk)
#   gpu        wheel tensorflow (616 MB down, 1.3 GB on disk); uses CUDA 12.5 where it is installed, else the CPU
#   gpu+cuda   the same with CUDA 12.5 and cuDNN 9.3 (another 1.6 GB down, 2.5 GB on disk); needs only NVIDIA's driver
#
# The C library comes out of TensorFlow's Python wheel into a per-user cache (see CACHE below; all clones share it, delete
# it to get the space back). The Node binding (100 KB) is compiled from the sources in the npm package. Python, pip and
# g++ only serve this script: nothing is installed into Python, and nothing of them is used afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
HERE=$PWD

FLAVOUR=${1:-cpu}
TF=2.18.1
say() { printf 'setup-tensorflow: %s\n' "$*"; }
die() { printf 'setup-tensorflow: ERROR: %s\n' "$*" >&2; exit 1; }

case $FLAVOUR in
  cpu)          KIND=cpu; WHEEL="tensorflow-cpu==$TF --hash=sha256:810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298" ;;
  gpu|gpu+cuda) KIND=gpu; WHEEL="tensorflow==$TF --hash=sha256:c9f87e5d2a680a4595f5dc30daf6bbaec9d4129b46d7ef1b2af63c46ac7d2828" ;;
  *) die "unknown flavour '$FLAVOUR'; use cpu, gpu or gpu+cuda" ;;
esac
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/crosstag/tensorflow/$TF/$KIND
PACKAGE=node_modules/@tensorflow/tfjs-node # both npm packages hold the same binding: the library decides between CPU and CUDA
[ $KIND = gpu ] && [ -d $PACKAGE-gpu ] && PACKAGE=$PACKAGE-gpu

# Needed by name, before anything is downloaded
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || die "only Linux on x86-64 is supported, this is $(uname -s) on $(uname -m)"
[ -f $PACKAGE/package.json ] || die "$PACKAGE is not installed; run 'npm ci' (without --omit=optional) first"
CXX=${CXX:-g++}
missing=()
command -v node >/dev/null || missing+=(nodejs)
command -v python3 >/dev/null || missing+=(python3)
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
command -v "$CXX" >/dev/null || missing+=(g++)
[ ${#missing[@]} = 0 ] || die "not installed: ${missing[*]}; on Debian or Ubuntu: sudo apt-get install ${missing[*]}"

BINDING=$(cd $PACKAGE && node -p 'require("@mapbox/node-pre-gyp").find(require("node:path").resolve("package.json"))')
STAMP=$BINDING.setup
WANT="$FLAVOUR $CACHE"
mkdir -p "$(dirname "$CACHE")"
TMP=$(mktemp -d "$CACHE.XXXXXX") # beside the cache: /tmp may be too small for 1 GB, and moving into place stays atomic
trap 'rm -rf "$TMP"' EXIT

# Proves the result in a fresh process: loads, multiplies, says what it runs on.
check() {
  TF_CPP_MIN_LOG_LEVEL=3 node -e '
    const util = require("node:util"); // two functions that Node 23 dropped and tfjs-node still calls
    util.isNullOrUndefined ??= (value) => value == null; util.isArray ??= Array.isArray;
    const tf = require(process.argv[1]);
    const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const product = tf.matMul(a, a).dataSync().join();
    if (product !== "7,10,15,22") throw new Error(`wrong numbers: ${product}`);
    const { binding, isUsingGpuDevice } = tf.backend();
    console.log(`TensorFlow ${binding.TF_Version} on the ${isUsingGpuDevice ? "GPU" : "CPU"}`);' "./$PACKAGE" 2>"$TMP/log"
}
if [ "$(cat "$STAMP" 2>/dev/null)" = "$WANT" ] && line=$(check); then say "already set up: $line"; exit 0; fi

# Wheels are pinned, checked against their hashes and taken for the files they hold.
fetch() { # fetch FOLDER < requirements
  cat >"$1.txt"
  python3 -m pip download -q --disable-pip-version-check --no-cache-dir --no-deps --require-hashes --only-binary=:all: \
    --python-version 3.11 --implementation cp --abi cp311 --abi none --platform manylinux_2_17_x86_64 \
    --platform manylinux2014_x86_64 -d "$1" -r "$1.txt" ||
    die "the download failed (pip's message stands above); needed from the Python package index: $(sed 's/ --hash.*//' "$1.txt" | xargs)"
}
cached() { [ -f "$CACHE/$1" ] && (cd "$CACHE" && sha256sum --quiet --check "$1" >/dev/null 2>&1); }

if ! cached SHA256SUMS; then
  say "downloading ${WHEEL%% *} from the Python package index"
  echo "$WHEEL" | fetch "$TMP/wheel"
  say "unpacking into $CACHE"
  python3 -m zipfile -e "$TMP"/wheel/*.whl "$TMP/unpacked"
  mkdir -p "$TMP/new/lib" && cd "$TMP/unpacked/tensorflow"
  mv libtensorflow_cc.so.2 libtensorflow_framework.so.2 "$TMP/new/lib"
  find include \( -path '*/tensorflow/c/*.h' -o -path '*/tsl/c/*.h' -o -name 'ctstring*.h' \) -exec cp --parents -t "$TMP/new" {} +
  cp include/LICENSE THIRD_PARTY_NOTICES.txt "$TMP/new"
  cd "$TMP/new" && sha256sum lib/*.so.2 >SHA256SUMS
  ln -s libtensorflow_cc.so.2 lib/libtensorflow.so # the names that the linker is asked for
  ln -s libtensorflow_framework.so.2 lib/libtensorflow_framework.so
  cd "$HERE" && rm -rf "$CACHE" && mv "$TMP/new" "$CACHE" && rm -r "$TMP/wheel" "$TMP/unpacked"
fi
if [ "$FLAVOUR" = gpu+cuda ] && ! cached SHA256SUMS.cuda; then
  say "downloading CUDA 12.5 and cuDNN 9.3 from the Python package index"
  fetch "$TMP/cuda" <<'REQUIREMENTS'
nvidia-cublas-cu12==12.5.3.2 --hash=sha256:ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b
nvidia-cuda-cupti-cu12==12.5.82 --hash=sha256:bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953
nvidia-cuda-nvrtc-cu12==12.5.82 --hash=sha256:3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd
nvidia-cuda-runtime-cu12==12.5.82 --hash=sha256:3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115
nvidia-cudnn-cu12==9.3.0.75 --hash=sha256:9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d
nvidia-cufft-cu12==11.2.3.61 --hash=sha256:9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8
nvidia-curand-cu12==10.3.6.82 --hash=sha256:2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536
nvidia-cusolver-cu12==11.6.3.83 --hash=sha256:93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b
nvidia-cusparse-cu12==12.5.1.3 --hash=sha256:016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752
nvidia-nvjitlink-cu12==12.5.82 --hash=sha256:f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212
REQUIREMENTS
  # TensorFlow's run path looks for them in ../nvidia/*/lib
  for wheel in "$TMP"/cuda/*.whl; do python3 -m zipfile -e "$wheel" "$CACHE" && rm "$wheel"; done
  (cd "$CACHE" && sha256sum nvidia/*/lib/*.so* >SHA256SUMS.cuda)
fi

HEADERS=$(node -p 'require("node:path").resolve(process.execPath, "../../include/node")') # of Node-API: Node's own, or from npm
if [ ! -f "$HEADERS/node_api.h" ]; then
  npm install --prefix "$TMP" --loglevel=error node-api-headers@1.9.0 || die "npm could not install node-api-headers"
  HEADERS=$TMP/node_modules/node-api-headers/include
fi
say "compiling $BINDING"
mkdir -p "$(dirname "$BINDING")"
"$CXX" -std=c++17 -O2 -fPIC -shared -DNAPI_VERSION=8 -I"$HEADERS" -I"$CACHE/include" $PACKAGE/binding/*.cc \
  -L"$CACHE/lib" -ltensorflow -ltensorflow_framework -Wl,-rpath,"$CACHE/lib" -o "$BINDING" || die "the binding did not compile"

line=$(check) || { cat "$TMP/log" >&2; die "the binding was built, but does not work (see above)"; }
echo "$WANT" >"$STAMP"
say "ready: $line"
