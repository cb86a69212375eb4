// A thread of a block: a stack of its own, left and entered by a switch of a few instructions on x86-64, by ucontext elsewhere.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && !defined(SPN_UCONTEXT)

struct Fiber {
    void* stack_pointer;
};

// Saves what a call must keep, leaves its stack in `from`, and returns into `to`.
extern "C" void spn_switch(Fiber* from, Fiber* to);

asm(R"(
.text
.type spn_switch, @function
spn_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq (%rsi), %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size spn_switch, . - spn_switch
)");

inline void start_fiber(Fiber& fiber, unsigned char* stack, size_t bytes, void (*run)())
{
    void** top = (void**)(((uintptr_t)stack + bytes) & ~(uintptr_t)15);
    top[-1] = nullptr; // where `run` would return to
    top[-2] = (void*)run;
    fiber.stack_pointer = top - 8;
}

#else
#include <ucontext.h>

struct Fiber {
    ucontext_t context;
};

inline void spn_switch(Fiber* from, Fiber* to) { swapcontext(&from->context, &to->context); }

inline void start_fiber(Fiber& fiber, unsigned char* stack, size_t bytes, void (*run)())
{
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = stack;
    fiber.context.uc_stack.ss_size = bytes;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, run, 0);
}

#endif
