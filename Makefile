# lvs.cluster: everything that is done in this checkout. `make help` lists it.
# Needs Debian 12, root, and git, make and python3; whatever else is missing is fetched by apt and pip.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# ansible insists on UTF-8; nothing here may ask a question, or find settings of the machine
export LC_ALL := C.UTF-8
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/build/collections
export ANSIBLE_HOME := $(CURDIR)/build/ansible
export ANSIBLE_LOCALHOST_WARNING := false
# the last three: make may run in a git hook
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV MYPYPATH GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE

VENV := .venv
BIN := $(VENV)/bin
# ansible-lint, molecule and the like call each other by name
export PATH := $(CURDIR)/$(BIN):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COLLECTION := build/collections/ansible_collections/lvs/cluster
# where ansible-test keeps its environments; keep it between checkouts to save half a minute
SANITY_HOME ?= $(CURDIR)/build/home
LAB := lab/lvs-lab

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- what the targets need -------------------------------------------------------------------
# those of these Debian packages that aren't there, in one go
define need
@mkdir -p build/apt
@missing=; for package in $(1); do dpkg-query -W -f '$${Status}' $$package 2>/dev/null | \
  grep -q ' installed' || missing="$$missing $$package"; done; \
  [ -z "$$missing" ] || { echo "   ... install the packages$$missing"; apt-get -q update >/dev/null && \
  DEBIAN_FRONTEND=noninteractive apt-get -qqy -o DPkg::Lock::Timeout=300 install \
  --no-install-recommends $$missing >/dev/null; }
@touch $@
endef

build/apt/%:
	$(call need,$*)
build/apt/lab-%: lab/lvslab/host.py
	$(call need,$(shell /usr/bin/python3 $(LAB) packages --engine $*))

$(VENV)/.stamp: requirements-dev.txt | build/apt/python3-venv
	@echo "   ... install ansible-core and the development tools into $(VENV)"
	@/usr/bin/python3 -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@

# Debian 13's keepalived and its libraries, unpacked beside this machine's; the stamp comes last
build/keepalived/trixie/.stamp: Makefile | build/apt/mmdebstrap
	@echo "   ... fetch Debian 13's keepalived into $(@D)"
	@rm -rf $(@D) && mkdir -p $(@D)
	@mmdebstrap --mode=root --variant=extract --include=keepalived \
	  trixie $(@D)/root $${LVS_LAB_MIRROR:+"$$LVS_LAB_MIRROR"} </dev/null >$(@D)/log 2>&1 || { \
	  echo "Debian 13's keepalived cannot be fetched: $$(grep -m 1 ^E: $(@D)/log) (all of it: $(@D)/log);" \
	  "let apt reach Debian's mirror, or name another in LVS_LAB_MIRROR" >&2; exit 1; }
	@touch $@

# the name by which Ansible and Python find the collection: a link to this folder
$(COLLECTION):
	@mkdir -p $(@D)
	@ln -sfn ../../../.. $@

.PHONY: venv host-packages qemu-packages
venv: $(VENV)/.stamp $(COLLECTION) ## install the tools into .venv

host-packages: build/apt/lab-uml
qemu-packages: build/apt/lab-qemu

# --- the cluster -----------------------------------------------------------------------------
.PHONY: demo bench clean
demo: host-packages venv ## bring server11-14 up, configure the cluster, ask it
	@$(LAB) up
	@ansible-playbook playbooks/site.yml
	@ansible-playbook playbooks/verify.yml
	@python tests/tools/demo.py

bench: host-packages venv ## measure what plays, outages and the monitor cost; prints tables and writes build/bench.json
	python tests/tools/bench.py

clean: ## end the lab and remove everything that make has made
	-$(LAB) clean
	rm -rf build $(VENV) .ansible .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# --- checks ----------------------------------------------------------------------------------
.PHONY: lint lint-style lint-types lint-yaml lint-shell lint-docs lint-ansible
lint: lint-style lint-types lint-yaml lint-shell lint-docs lint-ansible ## style, types, YAML, playbooks, shell, documentation

lint-style: venv
	ruff check .
	ruff format --check .

lint-types: venv
	mypy $(COLLECTION)/plugins lab/lvslab lab/lvs-lab tests/unit tests/tools
	for tests in tests/integration tests/kernel tests/cluster tests/lab; do mypy $$tests || exit; done # each has a conftest of its own

lint-yaml: venv
	yamllint --strict .

lint-shell: | build/apt/shellcheck
	git grep --untracked -lIzE '^#! ?(/usr)?/bin/(env )?(ba|da)?sh\b' -- ':!*.md' ':!*.py' | xargs -0r shellcheck --external-sources

lint-docs: venv
	antsibull-changelog lint
	antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck --validate-collection-refs all --check-extra-docs-refs .

lint-ansible: venv
	ansible-lint --profile production --strict --offline

.PHONY: test fetch unit conf sanity package kernel lab firewalls cluster molecule story
test: ## everything: what .ci/run runs
	@$(MAKE) --no-print-directory fetch
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target kernel lab lint unit conf sanity package
	@$(MAKE) --no-print-directory cluster molecule # these measure time, and run alone

# all that is fetched from elsewhere, one after the other
fetch: $(addprefix build/apt/,python3-venv shellcheck keepalived iproute2 nftables iptables ipvsadm) \
       build/keepalived/trixie/.stamp host-packages qemu-packages venv

unit: venv ## tests of pure code, with coverage
	@mkdir -p build/coverage
	python -m pytest tests/unit --cov --cov-report=term --cov-report=xml

conf: build/apt/keepalived build/apt/iproute2 build/apt/nftables build/apt/iptables build/keepalived/trixie/.stamp venv ## every kind of keepalived.conf, read by keepalived of Debian 12 and 13; rules, by nftables
	python -m pytest tests/integration

sanity: venv ## ansible-test sanity with every Python found here
	python tests/tools/sanity.py --home $(SANITY_HOME)

package: venv ## build the tarball into build/dist, check its content, install and parse it
	python tests/tools/package.py

kernel: build/apt/ipvsadm build/apt/iptables build/apt/keepalived build/keepalived/trixie/.stamp host-packages venv ## the modules against a real kernel, in namespaces (tier 1)
	$(LAB) kernel -- $(CURDIR)/$(BIN)/python -m pytest tests/kernel

lab: host-packages qemu-packages venv ## the lab itself: interruptions, bad hosts, both engines
	python -m pytest tests/lab -v --ignore tests/lab/test_qemu_packet_filter.py

firewalls: host-packages qemu-packages venv ## nftables.service and firewalld on a qemu machine; long, and no part of test
	python -m pytest tests/lab/test_qemu_packet_filter.py -v -s

cluster: host-packages venv ## the cluster on server11-14: from bare hosts to teardown, faults included
	python -m pytest tests/cluster -v -s; status=$$?; $(LAB) down && exit $$status

molecule: host-packages venv ## the same as molecule scenario: create, check, converge, idempotence, ...
	molecule test --scenario-name default --report

story: host-packages venv ## docs/guide.md, typed word by word on server11-14
	molecule test --scenario-name story --report
