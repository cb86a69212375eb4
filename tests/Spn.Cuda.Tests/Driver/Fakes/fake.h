// What the fake libraries share: a log of their calls, and settings that a test makes before it calls.
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t fake_lock = PTHREAD_MUTEX_INITIALIZER;
static char fake_calls[1 << 20];
static size_t fake_length;

static struct {
    char name[64];
    long long value;
} fake_settings[64];

// One line a call: the function's name, then what it was given.
static void record(const char *format, ...)
{
    pthread_mutex_lock(&fake_lock);
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(fake_calls + fake_length, sizeof fake_calls - fake_length - 1, format, arguments);
    va_end(arguments);
    fake_length += (size_t)written;
    fake_calls[fake_length++] = '\n';
    fake_calls[fake_length] = 0;
    pthread_mutex_unlock(&fake_lock);
}

const char *fake_log(void) { return fake_calls; }

void fake_set(const char *name, long long value)
{
    pthread_mutex_lock(&fake_lock);
    int i = 0;
    while (fake_settings[i].name[0] && strcmp(fake_settings[i].name, name) != 0)
        i++;
    snprintf(fake_settings[i].name, sizeof fake_settings[i].name, "%s", name);
    fake_settings[i].value = value;
    pthread_mutex_unlock(&fake_lock);
}

static long long setting(const char *name, long long otherwise)
{
    for (int i = 0; i < 64 && fake_settings[i].name[0]; i++)
        if (strcmp(fake_settings[i].name, name) == 0)
            return fake_settings[i].value;
    return otherwise;
}

// Returns from a function that is set to fail, after it was recorded.
#define FAILS(function)                     \
    do {                                    \
        int code = (int)setting(function, 0); \
        if (code != 0)                      \
            return code;                    \
    } while (0)
