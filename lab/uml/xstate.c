/*
 * Copyright: (c) 2026, lvs.cluster contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lets User-Mode Linux 6.1 run on processors with AMX (and whatever comes after it).
 *
 * User-Mode Linux restores a process's registers with ptrace(PTRACE_SETREGSET, NT_X86_XSTATE) from
 * a buffer of 2,696 bytes, enough up to AVX-512. The host's kernel takes nothing but the whole area
 * of its processor (11,008 bytes with AMX) and says EFAULT, and the first process of the machine
 * dies ("ptrace set fp regs failed, errno = 14"). Preloaded into linux.uml, this wrapper then reads
 * the whole area, lays the short one over its beginning and writes that. Elsewhere it does nothing.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* linux/ptrace.h and linux/elf.h; sys/ptrace.h declares ptrace() itself, which is defined here */
enum { PTRACE_PEEKUSR = 3, PTRACE_GETREGSET = 0x4204, PTRACE_SETREGSET = 0x4205 };
enum { NT_X86_XSTATE = 0x202 };

static char whole[1 << 16]; /* not on the stack: a user-mode kernel's has 16 KiB */

/*
 * No signal in between: User-Mode Linux switches to another process from within its handlers, which
 * would come through here again, with the same buffer, and leave another errno.
 */
static long set_xstate(long pid, struct iovec *given)
{
    struct iovec area = {whole, sizeof whole};
    unsigned long every = ~0UL;
    unsigned long before;
    int failure = 0;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &every, &before, sizeof every);
    if (syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE, given) < 0) {
        failure = errno;
        if (failure == EFAULT &&
            syscall(SYS_ptrace, PTRACE_GETREGSET, pid, NT_X86_XSTATE, &area) == 0 &&
            given->iov_len <= area.iov_len) {
            memcpy(whole, given->iov_base, given->iov_len);
            failure = 0;
            if (syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE, &area) < 0)
                failure = errno;
        }
    }
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0L, sizeof before);
    errno = failure;
    return failure ? -1 : 0;
}

long ptrace(long request, long pid, void *address, void *data)
{
    long result;
    long word;

    if (request == PTRACE_SETREGSET && (long)address == NT_X86_XSTATE)
        return set_xstate(pid, data);
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
