/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The system calls that a script has no business with: those that reach the kernel's administration, other people's
 * keys, the terminal's input, and name spaces in which everything would begin anew. What is refused says EPERM, so that
 * programs which only try go on. The list follows what Flatpak refuses, and its reasons. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chd-sandbox-private.h"
#include "chd-util.h"

static const char *const refused[] = {
  /* keys of the user's session */
  "add_key",
  "keyctl",
  "request_key",
  /* programs in the kernel, and looking into it */
  "bpf",
  "perf_event_open",
  "userfaultfd",
  "io_uring_setup",
  "io_uring_enter",
  "io_uring_register",
  "syslog",
  /* what is mounted where */
  "mount",
  "umount",
  "umount2",
  "pivot_root",
  "chroot",
  "move_mount",
  "open_tree",
  "fsopen",
  "fsconfig",
  "fsmount",
  "fspick",
  "mount_setattr",
  "open_by_handle_at",
  /* name spaces */
  "unshare",
  "setns",
  /* the machine */
  "acct",
  "quotactl",
  "quotactl_fd",
  "swapon",
  "swapoff",
  "reboot",
  "kexec_load",
  "kexec_file_load",
  "init_module",
  "finit_module",
  "delete_module",
  "uselib",
  "iopl",
  "ioperm",
  "settimeofday",
  "clock_settime",
  "clock_adjtime",
  "adjtimex",
  "sethostname",
  "setdomainname",
  "vhangup",
  "nfsservctl",
  "lookup_dcookie",
};

/* Kinds of sockets with which a script can do its work; of the others, some (vsock) are in no name space at all. */
static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

static int
add_rules (scmp_filter_ctx filter)
{
  int result = 0;
  int highest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      int number = seccomp_syscall_resolve_name (refused[i]);

      if (number != __NR_SCMP_ERROR)
        result |= seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), number, 0);
    }
  result |= seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (ioctl), 1,
                              SCMP_A1 (SCMP_CMP_MASKED_EQ, 0xFFFFFFFFu, (int) TIOCSTI));
  result |= seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (ioctl), 1,
                              SCMP_A1 (SCMP_CMP_MASKED_EQ, 0xFFFFFFFFu, (int) TIOCLINUX));
  result |= seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (clone), 1,
#if defined(__s390__) || defined(__s390x__)
                              SCMP_A1 (SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
#else
                              SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
#endif
  /* Its flags are behind a pointer, where a filter cannot look; with ENOSYS the C library uses clone instead. */
  result |= seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    highest = MAX (highest, families[i]);
  for (int family = 0; family < highest; family++)
    {
      gboolean allowed = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (families); i++)
        allowed = allowed || families[i] == family;
      if (!allowed)
        result |= seccomp_rule_add (filter, SCMP_ACT_ERRNO (EAFNOSUPPORT), SCMP_SYS (socket), 1,
                                    SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t) family));
    }
  result |= seccomp_rule_add (filter, SCMP_ACT_ERRNO (EAFNOSUPPORT), SCMP_SYS (socket), 1,
                              SCMP_A0 (SCMP_CMP_GT, (scmp_datum_t) highest));
  return result;
}

GBytes *
chd_seccomp_build_filter (char **problem)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  int fd = memfd_create ("chd-seccomp", MFD_CLOEXEC);
  GBytes *bytes = NULL;
  off_t size;

  if (filter != NULL && fd >= 0 &&
      /* Programs of another architecture (32 bit) see a kernel without system calls. */
      seccomp_attr_set (filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO (ENOSYS)) == 0 && add_rules (filter) == 0 &&
      seccomp_export_bpf (filter, fd) == 0 && (size = lseek (fd, 0, SEEK_END)) > 0)
    {
      g_autofree char *data = g_malloc ((gsize) size);

      if (pread (fd, data, (size_t) size, 0) == size)
        bytes = g_bytes_new_take (g_steal_pointer (&data), (gsize) size);
    }
  if (bytes == NULL)
    *problem = g_strdup (_ ("The filter of system calls cannot be made on this machine."));
  if (fd >= 0)
    close (fd);
  if (filter != NULL)
    seccomp_release (filter);
  return bytes;
}
