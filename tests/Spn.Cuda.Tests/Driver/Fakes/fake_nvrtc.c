// Stands in for NVRTC: records programs, headers and options, and makes images that fake_cuda knows.
#include "fake.h"

typedef struct {
    char options[2048];
} Program;

int nvrtcVersion(int *major, int *minor)
{
    FAILS("nvrtcVersion");
    *major = (int)setting("major", 12);
    *minor = (int)setting("minor", 8);
    return 0;
}

static const int architectures[] = {70, 80, 75, 90};

int nvrtcGetNumSupportedArchs(int *count)
{
    FAILS("nvrtcGetNumSupportedArchs");
    *count = 4;
    return 0;
}

int nvrtcGetSupportedArchs(int *list)
{
    FAILS("nvrtcGetSupportedArchs");
    memcpy(list, architectures, sizeof architectures);
    return 0;
}

int nvrtcCreateProgram(Program **program, const char *source, const char *name, int count, const char **headers, const char **names)
{
    char list[1024] = "";
    for (int i = 0; i < count; i++)
        sprintf(list + strlen(list), " %s:%zu", names[i], strlen(headers[i]));
    record("nvrtcCreateProgram %s source=%zu headers%s", name, strlen(source), list);
    FAILS("nvrtcCreateProgram");
    *program = calloc(1, sizeof(Program));
    return 0;
}

int nvrtcDestroyProgram(Program **program)
{
    record("nvrtcDestroyProgram");
    free(*program);
    *program = NULL;
    return 0;
}

int nvrtcCompileProgram(Program *program, int count, const char **options)
{
    for (int i = 0; i < count; i++)
        sprintf(program->options + strlen(program->options), " %s", options[i]);
    record("nvrtcCompileProgram%s", program->options);
    usleep((useconds_t)setting("sleep", 0));
    FAILS("nvrtcCompileProgram");
    return 0;
}

int nvrtcGetProgramLogSize(Program *program, size_t *size)
{
    (void)program;
    FAILS("nvrtcGetProgramLogSize");
    *size = sizeof "forward.cu(7): fake error";
    return 0;
}

int nvrtcGetProgramLog(Program *program, char *log)
{
    (void)program;
    strcpy(log, "forward.cu(7): fake error");
    return 0;
}

static int size_of(Program *program, const char *function, size_t *size)
{
    FAILS(function);
    *size = 6 + strlen(program->options);
    return 0;
}

static int image(Program *program, const char *function, const char *kind, char *to)
{
    record("%s", function);
    FAILS(function);
    memcpy(to, setting("corrupt", 0) ? "WRONG" : kind, 5);
    strcpy(to + 5, program->options);
    return 0;
}

int nvrtcGetCUBINSize(Program *program, size_t *size) { return size_of(program, "nvrtcGetCUBINSize", size); }

int nvrtcGetCUBIN(Program *program, char *to) { return image(program, "nvrtcGetCUBIN", "CUBIN", to); }

int nvrtcGetPTXSize(Program *program, size_t *size) { return size_of(program, "nvrtcGetPTXSize", size); }

int nvrtcGetPTX(Program *program, char *to) { return image(program, "nvrtcGetPTX", "//PTX", to); }

const char *nvrtcGetErrorString(int code) { return code == 6 ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR_FAKE"; }
