#ifndef CLIBPQ_SHIM_H
#define CLIBPQ_SHIM_H
#include <libpq-fe.h>
#include <sys/eventfd.h>

// The Glibc module does not include this header, and its flags are both enumeration and macro.
static inline int clibpq_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}
#endif
