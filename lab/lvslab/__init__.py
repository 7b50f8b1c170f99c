# Copyright: (c) 2026, lvs.cluster contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: server11-14 as real machines, and their client, on one host.

cli        the command line
operate    what changes the lab: up, down, clean, kill, start, cut, heal
status     what runs, for programs and for people
paths      where images, disks and the state of what runs are kept
nodes      who the machines are
host       what the host must offer, and one sentence for what is missing
image      the machines' root file system, built once per recipe
engines    how a machine is started: User-Mode Linux or QEMU
kvm        whether KVM really runs a guest here
machines   starting, stopping and watching them
state      what was started, and what of it still lives
lock       one at a time
network    the segment: one namespace, one bridge, one tap per machine
reach      ssh, the client's namespace, the Ansible inventory
kernel     tier 1: one throw-away kernel over the host's own file system
progress   what a person sees while it takes long
"""
