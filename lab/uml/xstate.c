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
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* linux/ptrace.h and linux/elf.h; sys/ptrace.h declares ptrace() itself, which is defined here */
enum { PTRACE_PEEKUSR = 3, PTRACE_GETREGSET = 0x4204, PTRACE_SETREGSET = 0x4205 };
enum { NT_X86_XSTATE = 0x202 };

static char whole[1 << 16];

long ptrace(long request, long pid, void *address, void *data)
{
    struct iovec area = {whole, sizeof whole};
    struct iovec *given = data;
    long result;
    long word;

    if (request > 0 && request <= PTRACE_PEEKUSR) {
        /* the C library's contract for reading a word: the word is the result */
        result = syscall(SYS_ptrace, request, pid, address, &word);
        if (result < 0)
            return result;
        errno = 0;
        return word;
    }
    result = syscall(SYS_ptrace, request, pid, address, data);
    if (result == -1 && errno == EFAULT && request == PTRACE_SETREGSET &&
        (long)address == NT_X86_XSTATE) {
        result = syscall(SYS_ptrace, PTRACE_GETREGSET, pid, address, &area);
        if (result == 0) {
            if (given->iov_len > area.iov_len) {
                errno = EFAULT;
                return -1;
            }
            memcpy(whole, given->iov_base, given->iov_len);
            result = syscall(SYS_ptrace, PTRACE_SETREGSET, pid, address, &area);
        }
    }
    return result;
}
