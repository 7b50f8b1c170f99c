/*
 * Copyright: (c) 2026, lvs.cluster contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lets User-Mode Linux 6.1 run on processors with AMX (and whatever comes after it).
 *
 * User-Mode Linux restores a process's registers with ptrace(PTRACE_SETREGSET, NT_X86_XSTATE) from
 * a buffer of 2,696 bytes, enough up to AVX-512. The host's kernel takes nothing but the whole area
 * of its processor (11,008 bytes with AMX) and says EFAULT, and the first process of the machine
 * dies ("ptrace set fp regs failed, errno = 14"). Preloaded into linux.uml, this wrapper then lays
 * the short area over the beginning of a whole one and writes that.
 *
 * On every processor, it leaves out a write of what is there already.
 */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* linux/ptrace.h and linux/elf.h; sys/ptrace.h declares ptrace() itself, which is defined here */
enum { PTRACE_PEEKUSR = 3, PTRACE_GETREGS = 12, PTRACE_SETREGS = 13 };
enum { PTRACE_GETREGSET = 0x4204, PTRACE_SETREGSET = 0x4205, NT_X86_XSTATE = 0x202 };

static char whole[1 << 16]; /* not on the stack: a user-mode kernel's has 16 KiB */

/*
 * What a stopped process has in those registers, when it was read or written last. Most of the time
 * that is what User-Mode Linux wants to write next; to leave it out saves a third of a system call.
 */
static struct {
    long pid; /* 0: nothing is known */
    size_t length;
    char area[1 << 13];
} known;

static void know(long pid, const struct iovec *given)
{
    known.pid = 0;
    if (given->iov_len <= sizeof known.area) {
        memcpy(known.area, given->iov_base, given->iov_len);
        known.length = given->iov_len;
        known.pid = pid;
    }
}

static int is_known(long pid, const struct iovec *given)
{
    return known.pid == pid && known.length == given->iov_len &&
           memcmp(known.area, given->iov_base, given->iov_len) == 0;
}

/* No decision by errno: the thread that serves the disk shares it, and may leave its own there. */
static long write_xstate(long pid, struct iovec *given)
{
    static struct iovec area = {whole, 0};
    struct iovec probe = {whole, sizeof whole};

    if (area.iov_len == 0) {
        if (syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE, given) == 0)
            return 0;
        if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, NT_X86_XSTATE, &probe) < 0 ||
            given->iov_len > probe.iov_len)
            return -1;
        area.iov_len = probe.iov_len;
    }
    /* beyond that stays what the first process had there, which is nothing */
    memcpy(whole, given->iov_base, given->iov_len);
    return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE, &area);
}

static long xstate(long request, long pid, struct iovec *given)
{
    long result;

    if (request == PTRACE_SETREGSET && is_known(pid, given))
        return 0;
    result = request == PTRACE_SETREGSET
                 ? write_xstate(pid, given)
                 : syscall(SYS_ptrace, request, pid, NT_X86_XSTATE, given);
    if (result == 0)
        know(pid, given);
    else
        known.pid = 0;
    return result;
}

long ptrace(long request, long pid, void *address, void *data)
{
    long result;
    long word;

    if ((request == PTRACE_GETREGSET || request == PTRACE_SETREGSET) &&
        (long)address == NT_X86_XSTATE)
        return xstate(request, pid, data);
    /* whatever else is asked for may let the process run, or be about a new one of the same id */
    if (request != PTRACE_GETREGS && request != PTRACE_SETREGS)
        known.pid = 0;
    if (request > 0 && request <= PTRACE_PEEKUSR) {
        /* the C library's contract for reading a word: the word is the result */
        result = syscall(SYS_ptrace, request, pid, address, &word);
        if (result < 0)
            return result;
        errno = 0;
        return word;
    }
    return syscall(SYS_ptrace, request, pid, address, data);
}
