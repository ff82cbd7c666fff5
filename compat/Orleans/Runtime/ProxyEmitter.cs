using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Orleans.Serialization;
using static System.Reflection.BindingFlags;

namespace Orleans.Runtime;

/// <summary>
/// Makes, once for each interface, what the real package's code generator writes: a reference class that implements the
/// interface, and for each method a <see cref="Request"/> class with a typed field for each argument.
/// </summary>
internal static class ProxyEmitter
{
    private static readonly ConcurrentDictionary<Type, Func<GrainRuntime, GrainId, GrainReference>> s_made = new();
    private static readonly MethodInfo s_copyArgument = typeof(Copiers).GetMethod(nameof(Copiers.CopyMember))!;

    /// <summary>A reference to a grain. OrleansConfigurationException: the interface is one that the real code generator refuses.</summary>
    public static GrainReference Create(Type interfaceType, GrainRuntime runtime, GrainId id)
        => s_made.GetOrAdd(interfaceType, Make)(runtime, id);

    private static Func<GrainRuntime, GrainId, GrainReference> Make(Type interfaceType)
    {
        GrainInterfaces.Check(interfaceType);
        var methods = GrainInterfaces.MethodsOf(interfaceType);
        var name = new AssemblyName("proxy:" + interfaceType.FullName);
        var assembly = AssemblyBuilder.DefineDynamicAssembly(name, AssemblyBuilderAccess.Run);
        LetSeeInternals(assembly, interfaceType, methods);
        var module = assembly.DefineDynamicModule("m");

        var proxy = module.DefineType("Proxy", TypeAttributes.Public | TypeAttributes.Sealed, typeof(GrainReference), [interfaceType]);
        EmitConstructor(proxy);
        for (var i = 0; i < methods.Count; i++)
        {
            var request = EmitRequest(module, $"Request{i}", methods[i], out var constructor, out var fields, out var send);
            EmitProxyMethod(proxy, methods[i], constructor, fields, send);
            request.CreateType().GetField("s_shape")!.SetValue(null, new MethodShape(interfaceType, methods[i]));
        }

        var type = proxy.CreateType();
        var (runtime, id) = (Expression.Parameter(typeof(GrainRuntime)), Expression.Parameter(typeof(GrainId)));
        var constructed = Expression.New(type.GetConstructors()[0], runtime, id, Expression.Constant(interfaceType, typeof(Type)));
        return Expression.Lambda<Func<GrainRuntime, GrainId, GrainReference>>(constructed, runtime, id).Compile();
    }

    private static void EmitConstructor(TypeBuilder proxy)
    {
        Type[] parameters = [typeof(GrainRuntime), typeof(GrainId), typeof(Type)];
        var constructor = proxy.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, parameters);
        var il = constructor.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Ldarg_3);
        il.Emit(OpCodes.Call, typeof(GrainReference).GetConstructor(Instance | NonPublic, parameters)!);
        il.Emit(OpCodes.Ret);
    }

    /// <summary>
    /// Emits <c>class RequestN : Request&lt;T&gt; { static MethodShape s_shape; A a0; B a1; Call(target) => ((I)target).M(a0, a1); … }</c>.
    /// </summary>
    private static TypeBuilder EmitRequest(
        ModuleBuilder module,
        string name,
        MethodInfo method,
        out ConstructorBuilder constructor,
        out FieldInfo[] fields,
        out MethodInfo send)
    {
        var kind = typeof(Request<>).MakeGenericType(GrainInterfaces.ResultOf(method.ReturnType));
        var request = module.DefineType(name, TypeAttributes.Public | TypeAttributes.Sealed, kind);
        constructor = request.DefineDefaultConstructor(MethodAttributes.Public);
        send = kind.GetMethod("Send")!;
        var shape = request.DefineField("s_shape", typeof(MethodShape), FieldAttributes.Public | FieldAttributes.Static);
        // A cancellation token has its place in the base class, which replaces it by one of the grain's own.
        fields = [.. method.GetParameters().Select((p, i) => p.ParameterType == typeof(CancellationToken)
            ? typeof(Request).GetField(nameof(Request.CancellationArgument))!
            : (FieldInfo)request.DefineField($"a{i}", p.ParameterType, FieldAttributes.Public))];

        var il = Override(request, typeof(Request).GetProperty(nameof(Request.Shape))!.GetMethod!);
        il.Emit(OpCodes.Ldsfld, shape);
        il.Emit(OpCodes.Ret);

        il = Override(request, kind.GetMethod("Call")!);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, method.DeclaringType!);
        foreach (var field in fields)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, field);
        }

        il.Emit(OpCodes.Callvirt, method);
        if (AdapterOf(method.ReturnType) is { } adapter)
        {
            il.Emit(OpCodes.Call, adapter);
        }

        il.Emit(OpCodes.Ret);

        EmitCopyArguments(request, method, fields);
        return request;
    }

    private static void EmitCopyArguments(TypeBuilder request, MethodInfo method, FieldInfo[] fields)
    {
        var parameters = method.GetParameters();
        var il = Override(request, typeof(Request).GetMethod(nameof(Request.CopyArguments))!);
        for (var i = 0; i < fields.Length; i++)
        {
            if (MethodShape.MustCopy(parameters[i]))
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Ldfld, fields[i]);
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Call, s_copyArgument.MakeGenericMethod(fields[i].FieldType));
                il.Emit(OpCodes.Stfld, fields[i]);
            }
        }

        il.Emit(OpCodes.Ret);
    }

    /// <summary>Emits <c>M(A a, B b) => new RequestN { a0 = a, a1 = b }.Send(this);</c>.</summary>
    private static void EmitProxyMethod(
        TypeBuilder proxy, MethodInfo method, ConstructorBuilder constructor, FieldInfo[] fields, MethodInfo send)
    {
        var implementation = proxy.DefineMethod(
            method.DeclaringType!.FullName + "." + method.Name,
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot,
            method.ReturnType,
            [.. method.GetParameters().Select(p => p.ParameterType)]);
        var il = implementation.GetILGenerator();
        il.Emit(OpCodes.Newobj, constructor);
        for (var i = 0; i < fields.Length; i++)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldarg, i + 1);
            il.Emit(OpCodes.Stfld, fields[i]);
        }

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Callvirt, send);
        if (method.ReturnType == typeof(void))
        {
            il.Emit(OpCodes.Pop);
        }
        else if (method.ReturnType.IsValueType)
        {
            var argument = method.ReturnType.IsGenericType ? send.ReturnType : typeof(Task);
            il.Emit(OpCodes.Newobj, method.ReturnType.GetConstructor([argument])!);
        }

        il.Emit(OpCodes.Ret);
        proxy.DefineMethodOverride(implementation, method);
    }

    private static ILGenerator Override(TypeBuilder type, MethodInfo inherited)
    {
        var attributes = (inherited.Attributes & ~(MethodAttributes.Abstract | MethodAttributes.NewSlot)) | MethodAttributes.Virtual;
        Type[] parameters = [.. inherited.GetParameters().Select(p => p.ParameterType)];
        var method = type.DefineMethod(inherited.Name, attributes, inherited.ReturnType, parameters);
        type.DefineMethodOverride(method, inherited);
        return method.GetILGenerator();
    }

    /// <summary>What makes a <c>Task&lt;T&gt;</c> of what the method returns; null where it is one.</summary>
    private static MethodInfo? AdapterOf(Type returned) => returned switch
    {
        _ when returned == typeof(void) => typeof(Results).GetMethod(nameof(Results.OfVoid)),
        _ when returned == typeof(Task) => typeof(Results).GetMethod(nameof(Results.OfTask)),
        _ when returned == typeof(ValueTask) => typeof(Results).GetMethod(nameof(Results.OfValueTask)),
        { IsValueType: true }
            => typeof(Results).GetMethod(nameof(Results.OfValueTaskOf))!.MakeGenericMethod(returned.GetGenericArguments()),
        _ => null,
    };

    /// <summary>Lets the emitted code use internal types of this assembly and of those that the interface's signatures name.</summary>
    private static void LetSeeInternals(AssemblyBuilder assembly, Type interfaceType, IEnumerable<MethodInfo> methods)
    {
        var seen = methods.SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType).Append(m.DeclaringType!))
            .Append(interfaceType)
            .Append(typeof(Request))
            .SelectMany(WithArguments)
            .Select(type => type.Assembly.GetName().Name!)
            .Distinct();
        var attribute = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
        foreach (var name in seen)
        {
            assembly.SetCustomAttribute(new CustomAttributeBuilder(attribute, [name]));
        }
    }

    private static IEnumerable<Type> WithArguments(Type type)
        => (type.HasElementType ? [type.GetElementType()!] : type.GetGenericArguments()).SelectMany(WithArguments).Append(type);
}
